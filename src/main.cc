// The program: everything is in cli/.
#include "cli/run.h"

int main(int argc, char** argv) {
  return voyager::cli::run(argc, argv);
}
