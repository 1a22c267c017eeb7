"""The page that shows a clip of methods side by side: step by step, slowly, closely."""
