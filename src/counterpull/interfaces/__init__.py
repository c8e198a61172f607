"""The roof: show, ask, translate. Screens, plots and foreign formats live here and nowhere below."""
