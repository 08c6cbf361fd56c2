#pragma once
#include "dispatch.h"
#include "matmul.h"

// The products by integers of integer_matmul.py: of 16 bits in two slices, and of 8 bits.
GW_DECLARE_KERNEL(integer_matmul, gw::MatmulArgs)
GW_DECLARE_KERNEL(byte_matmul, gw::MatmulArgs)
