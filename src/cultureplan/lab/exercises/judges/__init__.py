"""What makes an open task's answer good, for the exercises of kind ``plan``: one file a lesson.

Each function takes the answer and returns a :class:`~cultureplan.lab.exercises.judging.Found`.
"""
