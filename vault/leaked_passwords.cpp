#include "vault/leaked_passwords.h"

#include <algorithm>
#include <array>
#include <string>

namespace klasboek::vault {

namespace {

constexpr auto kLeaked = std::to_array<std::string_view>(
    {"0000000000",     "0123456789",     "0987654321",      "1111111111",       "1122334455",
     "112233445566",   "1212121212",     "123123123123",    "123321123321",     "1234512345",
     "1234567890",     "12345678901",    "123456789012",    "1234567891",       "12345678910",
     "123456789a",     "123456789abc",   "123456789q",      "12345qwert",       "12345qwerty",
     "1234qwerasdf",   "147258369a",     "1a2b3c4d5e",      "1q2w3e4r5t",       "1q2w3e4r5t6y",
     "1qaz2wsx3edc",   "1qazxsw23edc",   "2222222222",      "3333333333",       "4444444444",
     "5555555555",     "6666666666",     "7777777777",      "8888888888",       "9876543210",
     "9999999999",     "a123456789",     "a1b2c3d4e5",      "aa12345678",       "abc1234567",
     "abc123456789",   "abcd123456",     "abcdefghij",      "administrator",    "ajax123456",
     "amsterdam1",     "amsterdam123",   "amsterdam2020",   "asdfasdfasdf",     "asdfghjkl1",
     "asdfghjkl123",   "asdfghjkl;",     "azerty12345",     "azertyuiop",       "azertyuiop123",
     "basisschool",    "basketball",     "basketball1",     "bismillah1",       "blink182blink",
     "changeme123",    "charlie123",     "chocolate1",      "chocolate123",     "computer123",
     "dragon12345",    "eindhoven1",     "feyenoord1",      "feyenoord123",     "football123",
     "geheim1234",     "geheim12345",    "hallo12345",      "hallo123456",      "hello12345",
     "helloworld",     "iloveyou12",     "iloveyou123",     "iloveyou1234",     "iloveyouforever",
     "internet123",    "jennifer123",    "juffrouw123",     "justinbieber",     "klasboek123",
     "klasboek1234",   "letmein123",     "letmein1234",     "liverpool1",       "liverpool123",
     "login12345",     "manchester",     "manchester1",     "master12345",      "metallica1",
     "michael123",     "monkey12345",    "mypassword",      "mypassword1",      "nederland1",
     "nederland123",   "onedirection",   "p@ssw0rd123",     "p@ssword123",      "pa55word123",
     "passw0rd12",     "passw0rd123",    "password01",      "password10",       "password11",
     "password12",     "password123",    "password123!",    "password1234",     "password12345",
     "password2020",   "password2023",   "password2024",    "password2025",     "passwordpassword",
     "princess12",     "princess123",    "q1w2e3r4t5",      "q1w2e3r4t5y6",     "qazwsxedc1",
     "qazwsxedc123",   "qazwsxedcrfv",   "qwaszx12345",     "qwe123qwe123",     "qweasdzxc1",
     "qweasdzxc123",   "qwer123456",     "qwerasdfzxcv",    "qwert12345",       "qwerty1234",
     "qwerty12345",    "qwerty123456",   "qwerty123456789", "qwertyqwerty",     "qwertyuiop",
     "qwertyuiop1",    "qwertyuiop123",  "rotterdam1",      "rotterdam123",     "school1234",
     "school12345",    "sinterklaas",    "spiderman1",      "starwars123",      "sunshine12",
     "sunshine123",    "superman12",     "superman123",     "thisismypassword", "trustno1trustno1",
     "voetbal123",     "voetbal1234",    "wachtwoord",      "wachtwoord!",      "wachtwoord0",
     "wachtwoord01",   "wachtwoord1",    "wachtwoord12",    "wachtwoord123",    "wachtwoord1234",
     "wachtwoord2024", "wachtwoord2025", "wachtwoord2026",  "welcome123",       "welcome1234",
     "welcome12345",   "welcome2024",    "welcome2025",     "welkom1234",       "welkom12345",
     "welkom123456",   "welkom2023",     "welkom2024",      "welkom2025",       "welkom2026",
     "welkomwelkom",   "whatever123",    "winter2024",      "winter2025",       "winter2026",
     "zaq12wsxcde3",   "zomer12345",     "zomer2024!",      "zomer2025!",       "zxcvbnm123",
     "zxcvbnm1234",    "zxcvbnmasdf"});
static_assert(std::ranges::is_sorted(kLeaked));

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::span<const std::string_view> leaked_passwords() { return kLeaked; }

bool is_leaked(std::string_view password) {
  std::string lowered(password);
  std::ranges::transform(lowered, lowered.begin(), lower);
  return std::ranges::binary_search(kLeaked, std::string_view(lowered));
}

}  // namespace klasboek::vault
