"""From text to Kubernetes objects: decoding as the API machinery decodes, and the place of every value.

The only importer of the YAML libraries.
"""
