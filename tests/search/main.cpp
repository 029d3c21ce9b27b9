// klasboek_search TEXTS ROOT…: looks for every line of the file TEXTS in all files under the roots.
// Prints what it finds, a line each; exit code 1 where it found something, 2 where it couldn't
// look.
#include <fstream>
#include <iostream>

#include "tests/support/plaintext_search.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: klasboek_search TEXTS ROOT...\n";
    return 2;
  }
  std::ifstream in(argv[1]);
  std::vector<std::string> texts;
  for (std::string line; std::getline(in, line);) texts.push_back(line);
  if (texts.empty()) {
    std::cerr << argv[1] << " holds no texts\n";
    return 2;
  }
  try {
    const auto all = klasboek::tests::search_plaintext({argv + 2, argv + argc}, texts);
    for (const auto& found : all) {
      std::cout << found.file.string() << ": " << found.text << " (" << found.form << ")\n";
    }
    return all.empty() ? 0 : 1;
  } catch (const std::exception& fault) {
    std::cerr << fault.what() << "\n";
    return 2;
  }
}
