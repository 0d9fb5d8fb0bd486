"""The pages of the human door, one file for each thing people come to do."""
