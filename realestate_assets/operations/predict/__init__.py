"""The value of a home that is not in the platform: by the model, the sales and the functions of the batch."""
