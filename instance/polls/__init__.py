"""Questions that groups ask their people and followers, and what these answer."""
