"""The bank of answers: every answer gets its scores, and each message of a test is reached."""
