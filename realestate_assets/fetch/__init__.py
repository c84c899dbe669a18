"""Records fetched from APIs into the landing folder; what is made of them there is discovery's business."""
