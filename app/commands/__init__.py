"""The commands, one file each; the file is imported only when its command runs."""
