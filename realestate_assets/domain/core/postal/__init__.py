"""How a street line is read: cleaning, house numbers, units, numbered roads, boxes; a room of `addresses`."""
