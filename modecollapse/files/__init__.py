"""Files that users bring, read such that whatever is wrong with one is said with its name."""
