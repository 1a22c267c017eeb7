"""Opinion studies: what people think of results, asked in a page and summed up."""
