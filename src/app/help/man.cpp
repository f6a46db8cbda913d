#include <fmt/format.h>

#include "help.hpp"
#include "topics.hpp"

namespace jensen::app::help {
namespace {

std::string section(const std::string& title, const Page& page) {
  return fmt::format(".SH {}\n{}", title, to_roff(page));
}

/// Without the headings: those of a page that has one alone say what the section does.
Page without_headings(const Page& page) {
  Page body;
  for (const Block& block : page.blocks()) {
    if (block.kind != Block::Kind::heading) body.add(block);
  }
  return body;
}

Page synopsis() {
  Page page;
  for (const Command& command : commands()) page.usage(command.usage);
  return page.usage("--version");
}

Page description() {
  return Page()
      .paragraph(
          "jensen fits latent-variable models to data that are spread over many MPI processes (ranks), by "
          "maximising the evidence lower bound. Every command runs alone or below mpirun or srun:")
      .verbatim("mpirun -n 4 jensen fit gmm cells.h5 --components 6 -o model.h5\n")
      .paragraph("The numbers that come out are the same, bit for bit, on any number of ranks.");
}

Page command_list() {
  std::vector<Row> rows;
  for (const Command& command : commands()) rows.push_back({command.name, command.description});
  std::vector<Row> models;
  for (const auto& model : make_registry()) models.push_back({model->name(), model->summary()});
  return Page().rows(rows).heading("Models").rows(models);
}

/// Of every command; those of every fit once.
Page options() {
  Page page;
  for (const CommandPage& command : command_pages()) {
    const bool is_model = command.name.starts_with("fit ");
    std::vector<Row> rows;
    for (const OptionGroup& group : command.groups) {
      if (is_model && group.title.starts_with("options of every fit")) continue;
      if (is_model && group.title.starts_with("options that control")) continue;
      for (const Option& option : group.options) rows.push_back(option_row(option));
    }
    if (!rows.empty()) page.heading("jensen " + command.name).rows(rows);
  }
  return page;
}

Page examples() {
  return Page()
      .paragraph("A text table becomes an HDF5 data set; a mixture is fitted to it on 4 ranks and used:")
      .verbatim(
          "jensen import cells.csv -o cells.h5\n"
          "mpirun -n 4 jensen fit gmm cells.h5 --components 6 -o model.h5\n"
          "jensen info model.h5\n"
          "jensen predict model.h5 cells.h5 -o labels.h5\n"
          "jensen plot model.h5 -o model.html\n")
      .paragraph("A long fit, which the same command takes up again:")
      .verbatim("mpirun -n 64 jensen fit gmm big.h5 --components 200 -o big-model.h5 --deadline 7:50:00\n")
      .paragraph("The same options from a file:")
      .verbatim("jensen help config gmm > my.ini\njensen fit gmm cells.h5 --config my.ini\n");
}

}  // namespace

std::string man_page() {
  std::string text = fmt::format(
      ".\\\" written by 'jensen help --man'\n"
      ".TH JENSEN 1 \"\" \"jensen {}\" \"User Commands\"\n"
      ".nh\n.ad l\n"
      ".SH NAME\njensen \\- fit latent\\-variable models on many ranks by maximising the evidence lower "
      "bound\n",
      roff_escaped(JENSEN_VERSION));
  text += section("SYNOPSIS", synopsis());
  text += section("DESCRIPTION", description());
  text += section("COMMANDS", command_list());
  text += section("OPTIONS", options());
  text += section("STARTS", without_headings(starts_page()));
  text += section("COVARIANCE FAMILIES", without_headings(covariance_page()));
  text += section("CONFIG FILES", config_page());
  text += section("CHECKPOINTS", checkpoints_page());
  text += section("SIGNALS", signals_page());
  text += section("THE SAME BITS", bits_page());
  text += section("FILES", files_page());
  text += section("EXIT STATUS", without_headings(exit_codes_page()));
  text += section("EXAMPLES", examples());
  return text + ".SH SEE ALSO\n.BR mpirun (1),\n.BR h5ls (1)\n";
}

}  // namespace jensen::app::help
