#include "tests/support/plaintext_search.h"

#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <unordered_map>

namespace klasboek::tests {

namespace {

struct Form {
  std::string bytes;
  std::size_t text = 0;
  const char* name = "";
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return text;
}

/// By code units, as JavaScript and Windows keep text; of the Latin letters that names have.
std::string as_utf16(const std::string& text, bool big_endian) {
  std::string wide;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    unsigned unit = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t j = 1; j < size && i + j < text.size(); ++j) {
      unit = (unit << 6U) | (static_cast<unsigned char>(text[i + j]) & 0x3FU);
    }
    i += size;
    const char low = static_cast<char>(unit & 0xFFU);
    const char high = static_cast<char>((unit >> 8U) & 0xFFU);
    wide += big_endian ? high : low;
    wide += big_endian ? low : high;
  }
  return wide;
}

std::string as_hexadecimal(const std::string& text) {
  std::string digits(text.size() * 2 + 1, '\0');
  sodium_bin2hex(digits.data(), digits.size(), reinterpret_cast<const unsigned char*>(text.data()),
                 text.size());
  digits.pop_back();
  return digits;
}

/// The characters that stand for the text wherever it begins `offset` bytes into a group of three.
std::string as_base64(const std::string& text, std::size_t offset, int variant) {
  const std::string shifted = std::string(offset, 'x') + text;
  std::string encoded(sodium_base64_ENCODED_LEN(shifted.size(), variant), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(),
                    reinterpret_cast<const unsigned char*>(shifted.data()), shifted.size(),
                    variant);
  const std::size_t first = offset == 0 ? 0 : offset + 1;
  const std::size_t last = shifted.size() / 3 * 4;
  return encoded.substr(first, last - first);
}

/// Everything that is looked for, by its first two bytes, which most places in a file don't have.
class Forms {
 public:
  explicit Forms(const std::vector<std::string>& texts) : texts_(texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].size() >= kTellingBytes) add_text(i);
    }
  }

  /// Calls found(form) wherever one begins. Letters of either case are the same but in base64.
  template <class Found>
  void search(const std::string& bytes, const Found& found) const {
    const std::string folded = lower(bytes);
    for (std::size_t at = 0; at + 2 <= bytes.size(); ++at) {
      look(folded, at, anycase_, found);
      look(bytes, at, exact_, found);
    }
  }

  [[nodiscard]] const std::string& text(const Form& form) const { return texts_[form.text]; }

 private:
  struct Index {
    std::array<bool, 65536> begins{};
    std::unordered_map<std::uint16_t, std::vector<Form>> forms;
  };

  static std::uint16_t first_two(const std::string& bytes, std::size_t at) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[at]) << 8U |
                                      static_cast<unsigned char>(bytes[at + 1]));
  }

  static void add(Index& index, Form form) {
    if (form.bytes.size() < kTellingBytes) return;
    const auto key = first_two(form.bytes, 0);
    index.begins[key] = true;
    index.forms[key].push_back(std::move(form));
  }

  void add_text(std::size_t i) {
    const auto text = lower(texts_[i]);
    // In capitals or not makes chance hits more likely by two for each letter.
    if (text.size() > kTellingBytes) {
      add(*anycase_, {text, i, "utf-8"});
    } else {
      add(*exact_, {texts_[i], i, "utf-8"});
    }
    add(*anycase_, {lower(as_utf16(texts_[i], false)), i, "utf-16"});
    add(*anycase_, {lower(as_utf16(texts_[i], true)), i, "utf-16"});
    add(*anycase_, {as_hexadecimal(texts_[i]), i, "hexadecimal"});
    for (const int variant : {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_URLSAFE}) {
      for (const std::size_t offset : {0U, 1U, 2U}) {
        add(*exact_, {as_base64(texts_[i], offset, variant), i, "base64"});
      }
    }
  }

  template <class Found>
  static void look(const std::string& bytes, std::size_t at, const std::unique_ptr<Index>& index,
                   const Found& found) {
    const auto key = first_two(bytes, at);
    if (!index->begins[key]) return;
    for (const Form& form : index->forms.at(key)) {
      const bool fits = form.bytes.size() <= bytes.size() - at &&
                        std::memcmp(&bytes[at], form.bytes.data(), form.bytes.size()) == 0;
      if (fits) found(form);
    }
  }

  const std::vector<std::string>& texts_;
  std::unique_ptr<Index> anycase_ = std::make_unique<Index>();
  std::unique_ptr<Index> exact_ = std::make_unique<Index>();
};

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in.is_open()) throw std::runtime_error(file.string() + " can't be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Keys and values of a table of RocksDB, one after the other.
std::string rows_of(const std::filesystem::path& file) {
  rocksdb::SstFileReader reader{rocksdb::Options{}};
  const auto opened = reader.Open(file.string());
  if (!opened.ok()) throw std::runtime_error(file.string() + ": " + opened.ToString());
  std::string rows;
  const std::unique_ptr<rocksdb::Iterator> row(reader.NewIterator({}));
  for (row->SeekToFirst(); row->Valid(); row->Next()) {
    rows += row->key().ToString() + '\n' + row->value().ToString() + '\n';
  }
  if (!row->status().ok()) throw std::runtime_error(file.string() + " can't be read whole");
  return rows;
}

}  // namespace

std::vector<PlaintextFound> search_plaintext(const std::vector<std::filesystem::path>& roots,
                                             const std::vector<std::string>& texts) {
  const Forms forms(texts);
  std::vector<PlaintextFound> all;
  const auto search = [&](const std::filesystem::path& file) {
    std::set<std::pair<std::string, std::string>> seen;
    const auto found = [&](const Form& form) {
      if (!seen.emplace(forms.text(form), form.name).second) return;
      all.push_back({file, forms.text(form), form.name});
    };
    forms.search(bytes_of(file), found);
    if (file.extension() == ".sst") forms.search(rows_of(file), found);
  };
  for (const auto& root : roots) {
    if (std::filesystem::is_regular_file(root)) search(root);
    if (!std::filesystem::is_directory(root)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.is_regular_file()) search(entry.path());
    }
  }
  return all;
}

}  // namespace klasboek::tests
