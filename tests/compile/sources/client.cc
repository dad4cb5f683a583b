#include "client.inc"
