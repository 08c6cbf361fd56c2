#pragma once
#include "dispatch.h"
#include "matmul.h"

// The product by integers of integer_matmul.py.
GW_DECLARE_KERNEL(integer_matmul, gw::MatmulArgs)
