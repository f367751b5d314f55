"""Trainings: unpaid pools of training tasks that give a skill, which other pools of the project ask for."""
