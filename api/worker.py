"""Turns events into messages and sends what is due."""
