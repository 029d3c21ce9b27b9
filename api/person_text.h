#pragma once
// The sealed texts of a person, which mail reads too, by the names that handlers use.
#include "reactions/person_text.h"

namespace klasboek::api {

using reactions::contact_card_of;
using reactions::ContactCard;
using reactions::person_name_of;
using reactions::PersonName;
using reactions::to_text;

}  // namespace klasboek::api
