"""What a shopper has a right to: to see what is kept, to have it erased, and that it runs out by itself."""
