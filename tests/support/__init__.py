"""What tests build on: databases, the application in this process, servers, bodies."""
