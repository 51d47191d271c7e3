"""The craft for other programs: a server of the Model Context Protocol, on standard input and output.

``places.py`` says which files may be touched, ``sentences.py`` what may be told; ``service.py`` does the work with the
same calls as the command line, and ``server.py`` alone knows the SDK.
"""
