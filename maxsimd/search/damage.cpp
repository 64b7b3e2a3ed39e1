#include "maxsimd/search/damage.h"

#include <string>

#include "maxsimd/base/errors.h"

namespace maxsimd {

void throw_damaged(std::string_view source, DocId document) {
  throw FormatError(std::string(source) + ": stored vectors of document number " +
                    std::to_string(document) +
                    " are or give no finite numbers: the index is damaged; run maxsimd verify");
}

}  // namespace maxsimd
