"""A moment and its what-ifs: the activities of everyday life as settings with sources."""

from counterpull.scenarios.activities import Activity, activities, activity

__all__ = ["Activity", "activities", "activity"]
