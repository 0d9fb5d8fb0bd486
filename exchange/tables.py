"""Every sub-room's tables, gathered for the migrations."""
