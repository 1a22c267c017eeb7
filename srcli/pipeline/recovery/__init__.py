"""Whether machines recognise in results what they recognise in originals."""
