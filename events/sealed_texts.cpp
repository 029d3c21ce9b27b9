#include "events/sealed_texts.h"

#include <flatbuffers/reflection.h>

#include "events/commit.h"

namespace klasboek::events {

namespace {

constexpr const char* kSealedName = "klasboek.events.wire.Sealed";
constexpr const char* kEventName = "klasboek.events.wire.Event";

class Search {
 public:
  explicit Search(std::vector<wire::SealedT>& found)
      : schema_(*reflection::GetSchema(schema_bytes().data())), found_(found) {}

  void in_event(const flatbuffers::Table& event) {
    in_table(event, *schema_.objects()->LookupByKey(kEventName));
  }

 private:
  void in_table(const flatbuffers::Table& table, const reflection::Object& type) {
    if (type.name()->string_view() == kSealedName) {
      wire::SealedT sealed;
      reinterpret_cast<const wire::Sealed&>(table).UnPackTo(&sealed);
      if (!sealed.ciphertext.empty()) found_.push_back(std::move(sealed));
      return;
    }
    // Fields come sorted by name in the schema; that order is as good as any, as long as it is one.
    for (const auto* field : *type.fields()) in_field(table, type, *field);
  }

  void in_field(const flatbuffers::Table& table, const reflection::Object& type,
                const reflection::Field& field) {
    switch (field.type()->base_type()) {
      case reflection::Obj:
        in_object(flatbuffers::GetFieldT(table, field), object_of(*field.type()));
        return;
      case reflection::Union:
        in_union(table, type, field);
        return;
      case reflection::Vector:
        if (field.type()->element() == reflection::Obj) in_vector(table, field);
        return;
      default:
        return;
    }
  }

  void in_object(const flatbuffers::Table* value, const reflection::Object& type) {
    if (value != nullptr && !type.is_struct()) in_table(*value, type);
  }

  void in_union(const flatbuffers::Table& table, const reflection::Object& type,
                const reflection::Field& field) {
    const auto* value = flatbuffers::GetFieldT(table, field);
    if (value == nullptr) return;
    in_table(*value, flatbuffers::GetUnionType(schema_, type, field, table));
  }

  void in_vector(const flatbuffers::Table& table, const reflection::Field& field) {
    const auto& type = object_of(*field.type());
    const auto* vector =
        table.GetPointer<const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::Table>>*>(
            field.offset());
    if (vector == nullptr || type.is_struct()) return;
    for (const auto* element : *vector) in_table(*element, type);
  }

  [[nodiscard]] const reflection::Object& object_of(const reflection::Type& type) const {
    return *schema_.objects()->Get(static_cast<flatbuffers::uoffset_t>(type.index()));
  }

  const reflection::Schema& schema_;
  std::vector<wire::SealedT>& found_;
};

}  // namespace

std::vector<wire::SealedT> sealed_texts_in(std::span<const std::uint8_t> event_bytes) {
  std::vector<wire::SealedT> found;
  Search(found).in_event(*flatbuffers::GetRoot<flatbuffers::Table>(event_bytes.data()));
  return found;
}

}  // namespace klasboek::events
