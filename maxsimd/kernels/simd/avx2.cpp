// The kernels for AVX2 + FMA + F16C.
#include "maxsimd/kernels/simd/codes_avx2.h"
#include "maxsimd/kernels/simd/raw_kernels.h"

namespace maxsimd::kernels::simd {

constinit const RawKernels kAvx2Kernels = raw_kernels<Avx2, Avx2Codes, PairProduct<Avx2>>();

}  // namespace maxsimd::kernels::simd
