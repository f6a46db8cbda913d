#pragma once

#include <tuple>

#include "jensen/core/options.hpp"

namespace jensen::app {

// Where an option takes one of several values, its argument lists them: "auto|never|FILE". Those in small
// letters are literal, up to a ':' or '['; those in capitals stand for a text of the user's.

inline constexpr const char* kJsonHelp = "print one JSON object instead of text";

template <class Settings>
inline constexpr Field kProgressField{"progress", &Settings::progress, "auto|live|lines|none",
                                      "live: one changing line; auto: that on a terminal, else lines",
                                      OptionKind::run_control};

/// The forms of a start from records.
inline constexpr const char* kRecordStarts =
    "kmeans|kmeans++|kmeans-parallel|random|responsibilities[:FILE:/d]|labels:FILE:/d|model:FILE";

/// The options of `jensen fit` that every model has. Defaults of `start` and `tolerance` are the model's.
struct FitSettings {
  std::string components = {};
  std::string start = {};
  Index restarts = 10;
  Index seed = 1;
  Index block_rows = 0;
  std::string weights = {};
  std::string standardise = "none";

  Index max_iterations = 1000;
  double tolerance = 0;
  double relative_tolerance = 0;
  double absolute_tolerance = 0;
  double parameter_tolerance = 0;
  bool strict = false;
  bool require_convergence = false;

  std::string checkpoint = {};
  std::string checkpoint_interval = "10min";
  std::string resume = "auto";
  std::string deadline = {};
  std::string watchdog = "10min";

  std::string output = {};
  std::string config = {};
  std::string progress = "auto";
  std::string log = {};
  bool profile = false;
  bool json = false;

  static auto fields() {
    using S = FitSettings;
    constexpr auto control = OptionKind::run_control;
    return std::tuple(
        Field{"components", &S::components, "K", "number of components (clusters); required"},
        Field{"start", &S::start, kRecordStarts, "first parameters; 'jensen help starts' says what each is"},
        Field{"restarts", &S::restarts, "R", "fits from so many different starts; the best is kept"},
        Field{"seed", &S::seed, "S",
              "of everything random; the same seed gives the same bits on any number of ranks"},
        Field{"weights", &S::weights, "/d",
              "data set with a frequency weight per record (0 = absent), or FILE:/d"},
        Field{"block-rows", &S::block_rows, "B",
              "records in a block, the unit of summation; 0 = chosen from N"},
        Field{"standardise", &S::standardise, "none|sd",
              "sd: fit features divided by their standard deviations; results stay in the data's units"},
        Field{"max-iterations", &S::max_iterations, "n", "stop after n updates", control},
        Field{"tolerance", &S::tolerance, "e", "stop at a gain below e, in units of the model's own",
              control},
        Field{"relative-tolerance", &S::relative_tolerance, "e",
              "stop at a gain below e times the objective; 0 = never", control},
        Field{"absolute-tolerance", &S::absolute_tolerance, "e",
              "stop at a gain below e, in units of the objective; 0 = never", control},
        Field{"parameter-tolerance", &S::parameter_tolerance, "e",
              "stop when no parameter moves by more than e feature sds; 0 = never", control},
        Field{"strict", &S::strict, "", "exit 4 if the objective falls where theory promises ascent",
              control},
        Field{"require-convergence", &S::require_convergence, "", "exit 7 if no tolerance was met", control},
        Field{"checkpoint", &S::checkpoint, "DIR",
              "directory of the checkpoints, kept after the end if it is named; if not, it is OUTPUT.ckpt, "
              "and is removed when OUTPUT is written",
              control},
        Field{"checkpoint-interval", &S::checkpoint_interval, "time",
              "between checkpoints: 10min, 30s, 2h, or 50it (iterations)", control},
        Field{"resume", &S::resume, "auto|never|FILE",
              "auto: go on from the newest checkpoint, if there is one; or from this FILE", control},
        Field{
            "deadline", &S::deadline, "time",
            "stop before so much time has passed (8h, 55min, 1-12:00:00), or before a moment "
            "(2026-01-31T18:00, local time, or @ and seconds since 1970), with a checkpoint and exit code 75",
            control},
        Field{"watchdog", &S::watchdog, "time",
              "say which rank hangs, and at what, where nothing has moved for so long; 0 = never", control},
        Field{"output", &S::output, "FILE", "model file to write (short: -o)", control},
        Field{"config", &S::config, "FILE", "read options from an INI file with these keys; flags win",
              control},
        kProgressField<S>,
        Field{"log", &S::log, "FILE", "append what happens to this file, one JSON object a line", control},
        Field{"profile", &S::profile, "", "say at the end where the time went, by phase of an iteration",
              control},
        Field{"json", &S::json, "", kJsonHelp, control});
  }
};

struct PredictSettings {
  std::string output = {};
  bool responsibilities = false;
  std::string progress = "auto";
  bool json = false;

  static auto fields() {
    using S = PredictSettings;
    constexpr auto control = OptionKind::run_control;
    return std::tuple(
        Field{"output", &S::output, "FILE", "results file to write (short: -o); required", control},
        Field{"responsibilities", &S::responsibilities, "", "write the N x K responsibilities too", control},
        kProgressField<S>, Field{"json", &S::json, "", kJsonHelp, control});
  }
};

struct SampleSettings {
  std::string records = {};
  bool predictive = false;
  std::string data = {};
  std::string output = {};
  Index seed = 1;
  std::string progress = "auto";
  bool json = false;

  static auto fields() {
    using S = SampleSettings;
    return std::tuple(
        Field{"records", &S::records, "N",
              "number of records to draw, or of draws of advi (short: -n); required"},
        Field{"predictive", &S::predictive, "",
              "of advi: draw data from the posterior predictive, not parameters"},
        Field{"data", &S::data, "INPUT",
              "of regressions, with --predictive: draw N responses of each of these records"},
        Field{"output", &S::output, "FILE", "HDF5 file to write (short: -o); required",
              OptionKind::run_control},
        Field{"seed", &S::seed, "S", "the same seed draws the same records on any number of ranks"},
        kProgressField<S>, Field{"json", &S::json, "", kJsonHelp, OptionKind::run_control});
  }
};

struct ScoreSettings {
  std::string weights = {};
  std::string output = {};
  bool json = false;

  static auto fields() {
    using S = ScoreSettings;
    constexpr auto control = OptionKind::run_control;
    return std::tuple(
        Field{"weights", &S::weights, "/d", "data set with a frequency weight per record, or FILE:/d",
              control},
        Field{"output", &S::output, "FILE", "write the values per record to this file (short: -o)", control},
        Field{"json", &S::json, "", kJsonHelp, control});
  }
};

struct CompareSettings {
  std::string data = {};
  std::string weights = {};
  double standard_error = 1e-3;
  Index draws = 10'000'000;
  Index seed = 1;
  std::string base = "e";
  std::string progress = "auto";
  bool json = false;

  static auto fields() {
    using S = CompareSettings;
    constexpr auto control = OptionKind::run_control;
    return std::tuple(
        Field{"data", &S::data, "INPUT",
              "compare two models on these records or documents, by what each says of them"},
        Field{"weights", &S::weights, "/d",
              "of the data: data set with a frequency weight per record, or FILE:/d"},
        Field{"standard-error", &S::standard_error, "e",
              "draw records until every estimate has this standard error, in units of the base"},
        Field{"draws", &S::draws, "n", "draw no more records than these from each model"},
        Field{"seed", &S::seed, "S", "the same seed draws the same records on any number of ranks"},
        Field{"base", &S::base, "b", "of the logarithms: e (nats), 2 (bits), or a number above 1", control},
        kProgressField<S>, Field{"json", &S::json, "", kJsonHelp, control});
  }
};

struct InfoSettings {
  bool json = false;

  static auto fields() {
    return std::tuple(
        Field{"json", &InfoSettings::json, "", "print everything as JSON", OptionKind::run_control});
  }
};

struct CheckSettings {
  bool json = false;

  static auto fields() {
    return std::tuple(Field{"json", &CheckSettings::json, "", kJsonHelp, OptionKind::run_control});
  }
};

struct HelpSettings {
  bool man = false;
  bool completion = false;

  static auto fields() {
    using S = HelpSettings;
    constexpr auto control = OptionKind::run_control;
    return std::tuple(
        Field{"man", &S::man, "", "print everything as a man page, for 'man -l -'", control},
        Field{"completion", &S::completion, "", "print what makes bash complete command lines", control});
  }
};

struct PlotSettings {
  std::string output = {};
  std::string data = {};
  std::string features = {};
  Index records = 2000;
  bool json = false;

  static auto fields() {
    using S = PlotSettings;
    constexpr auto control = OptionKind::run_control;
    return std::tuple(
        Field{"output", &S::output, "FILE", "HTML page to write (short: -o); required", control},
        Field{"data", &S::data, "INPUT",
              "FILE.h5[:/dataset] to take the drawn records from; the data of the fit if not given", control},
        Field{"features", &S::features, "list",
              "features to draw, by name or number from 1, separated by commas, at most 6; the four that "
              "separate components best if not given",
              control},
        Field{"records", &S::records, "n", "records to draw, always the same ones; 0 = none", control},
        Field{"json", &S::json, "", kJsonHelp, control});
  }
};

struct ImportSettings {
  std::string output = {};
  std::string dataset = {};
  std::string format = "auto";
  std::string delimiter = {};
  std::string header = "auto";
  std::string columns = {};
  bool float32 = false;
  std::string vocabulary = {};
  std::string stop_words = {};
  Index minimum_length = 2;
  Index minimum_documents = 0;
  double maximum_share = 1;
  bool fractional_counts = false;
  bool zero_based = false;
  std::string progress = "auto";
  bool json = false;

  static auto fields() {
    using S = ImportSettings;
    constexpr auto control = OptionKind::run_control;
    return std::tuple(
        Field{"output", &S::output, "FILE", "HDF5 file to write (short: -o); required", control},
        Field{"dataset", &S::dataset, "/d",
              "name of the data set in it, or of the group of a corpus; /data or /corpus if not given",
              control},
        Field{"format", &S::format, "auto|csv|npy|lda-c|uci|svmlight|matrix-market|text|hdf5",
              "what the input is: a table (csv, npy) or a corpus; auto: by its name and first lines",
              control},
        Field{"delimiter", &S::delimiter, "c",
              "between cells: a character, or tab, space, comma, semicolon; found from the first lines if "
              "not given",
              control},
        Field{"header", &S::header, "auto|yes|no", "whether the first line names the features", control},
        Field{"columns", &S::columns, "list",
              "columns to take, by name or number from 1, separated by commas; all if not given", control},
        Field{"float32", &S::float32, "", "store 32-bit numbers: half the memory, 7 digits", control},
        Field{"vocabulary", &S::vocabulary, "FILE",
              "of a corpus: names of the words, one in each line, or a corpus that has them; of text: the "
              "words "
              "to keep",
              control},
        Field{"stop-words", &S::stop_words, "english|FILE",
              "of a corpus: words to drop; a file has one in each line", control},
        Field{"minimum-length", &S::minimum_length, "n", "of text: shorter words are dropped, in letters",
              control},
        Field{"minimum-documents", &S::minimum_documents, "n",
              "of a corpus: words in fewer documents are dropped", control},
        Field{"maximum-share", &S::maximum_share, "s",
              "of a corpus: words in more than this part of the documents are dropped", control},
        Field{"fractional-counts", &S::fractional_counts, "",
              "of a corpus: admit counts that are not whole numbers", control},
        Field{"zero-based", &S::zero_based, "",
              "of svmlight: words count from 0; without it they do if word 0 occurs", control},
        kProgressField<S>, Field{"json", &S::json, "", kJsonHelp, control});
  }
};

}  // namespace jensen::app
