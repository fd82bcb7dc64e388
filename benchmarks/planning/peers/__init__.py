"""The same questions answered by other means, each as somebody would write it who knows the tool.

They answer what the generator's problems ask. What those never hold (promises, answers, teams,
other groups, notice) they do not look at, and so have less to do than the program.
"""
