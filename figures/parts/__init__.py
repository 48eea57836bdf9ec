"""Helpers that several figures share, and the page of all figures. The figures are in the folder above."""
