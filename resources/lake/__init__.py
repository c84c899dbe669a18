"""Files on a disk or in a bucket, and the IO manager over them."""
