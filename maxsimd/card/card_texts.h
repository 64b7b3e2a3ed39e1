// The texts of a card that are the same for every model. Private to this room. From
// pylate/hf_hub/model_card_template.md of PyLate 1.6 (MIT licence), but for kMaxsimdUsage.
#pragma once

namespace maxsimd {

extern const char* const kPylateUsage;   // @MODEL@ and @QUERY@ stand for what varies
extern const char* const kMaxsimdUsage;  // @FOLDER@; @INCLUDE@, lest it look like an include here
extern const char* const kUsageComments;
extern const char* const kRiskComments;
extern const char* const kClosingComments;

}  // namespace maxsimd
