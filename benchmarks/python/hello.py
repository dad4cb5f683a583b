# SPDX-License-Identifier: Apache-2.0
"""The least that an interpreter can do: its start."""

print("hello")
