"""What homes rent for: learned from advertisements, else by published rents, with utilities taken out."""
