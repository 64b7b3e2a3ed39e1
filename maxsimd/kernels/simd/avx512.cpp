// The kernels for AVX-512 F, BW, DQ and VL.
#include "maxsimd/kernels/simd/codes_avx512.h"
#include "maxsimd/kernels/simd/raw_kernels.h"

namespace maxsimd::kernels::simd {

constinit const RawKernels kAvx512Kernels = raw_kernels<Avx512, Avx512Codes, PairProduct<Avx512>>();

}  // namespace maxsimd::kernels::simd
