#include <string_view>

#include "maxsimd/card/card_sections.h"

namespace maxsimd {
namespace {

constexpr const char* kSentenceTransformers = R"(@inproceedings{reimers-2019-sentence-bert,
    title = "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
    author = "Reimers, Nils and Gurevych, Iryna",
    booktitle = "Proceedings of the 2019 Conference on Empirical Methods in Natural Language Processing",
    month = "11",
    year = "2019",
    publisher = "Association for Computational Linguistics",
    url = "https://arxiv.org/abs/1908.10084"
})";

constexpr const char* kPylate = R"(@inproceedings{DBLP:conf/cikm/ChaffinS25,
  author       = {Antoine Chaffin and
                  Rapha@E@l Sourty},
  editor       = {Meeyoung Cha and
                  Chanyoung Park and
                  Noseong Park and
                  Carl Yang and
                  Senjuti Basu Roy and
                  Jessie Li and
                  Jaap Kamps and
                  Kijung Shin and
                  Bryan Hooi and
                  Lifang He},
  title        = {PyLate: Flexible Training and Retrieval for Late Interaction Models},
  booktitle    = {Proceedings of the 34th {ACM} International Conference on Information
                  and Knowledge Management, {CIKM} 2025, Seoul, Republic of Korea, November
                  10-14, 2025},
  pages        = {6334--6339},
  publisher    = {{ACM}},
  year         = {2025},
  url          = {https://github.com/lightonai/pylate},
  doi          = {10.1145/3746252.3761608},
})";

constexpr const char* kCachedContrastive = R"(@misc{gao2021scaling,
    title={Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup},
    author={Luyu Gao and Yunyi Zhang and Jiawei Han and Jamie Callan},
    year={2021},
    eprint={2101.06983},
    archivePrefix={arXiv},
    primaryClass={cs.LG}
})";

// PyLate's text loses the backslash of {\"{e}}, and BibTeX the accent with it.
std::string pylate_citation(bool letter) {
  std::string text = kPylate;
  constexpr std::string_view kMark = "@E@";
  return text.replace(text.find(kMark), kMark.size(), letter ? R"({"{e}})" : R"({\"{e}})");
}

std::string entry(const std::string& name, const std::string& bibtex) {
  return "\n#### " + name + "\n```bibtex\n" + bibtex + "\n```\n";
}

}  // namespace

// Without a training PyLate has no citations.
std::string citation_section(const CardContent& card) {
  std::string out = "\n## Citation\n\n### BibTeX\n";
  if (card.loss_classes.empty() && card.pylate) return out;
  out.append(entry("Sentence Transformers", kSentenceTransformers));
  out.append(entry("PyLate", pylate_citation(card.pylate)));
  for (const std::string& loss : card.loss_classes) {
    if (loss == "CachedContrastive") out.append(entry(loss, kCachedContrastive));
  }
  return out;
}

}  // namespace maxsimd
