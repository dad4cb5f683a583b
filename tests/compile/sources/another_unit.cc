#include "another_unit.inc"
