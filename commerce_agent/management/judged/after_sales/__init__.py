"""`evaluate service`: a recorded shop, and recorded after-sales work done again through the platform's own orders."""
