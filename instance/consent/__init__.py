"""What a person agreed to share with which group, until when, and who has read it."""
