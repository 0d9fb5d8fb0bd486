"""The human door: pages and forms that work without JavaScript, on a cheap phone."""
