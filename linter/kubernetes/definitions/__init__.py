"""CustomResourceDefinitions: from what they say to schemas, defaults and validation rules of custom resources."""
