"""Pictures made worse on purpose: blur, noise, compression, reduction."""
