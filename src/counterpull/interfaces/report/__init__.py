"""The report: one printable page of an answer to take along."""
