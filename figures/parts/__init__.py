"""What several figures share, and the page that shows them; a figure itself lies in the folder above."""
