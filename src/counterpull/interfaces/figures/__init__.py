"""Drawings, made without a display."""
