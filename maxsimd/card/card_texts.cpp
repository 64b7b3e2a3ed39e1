#include "maxsimd/card/card_texts.h"

namespace maxsimd {

const char* const kPylateUsage = R"MD(First install the PyLate library:

```bash
pip install -U pylate
```

### Retrieval

Use this model with PyLate to index and retrieve documents. The index uses [FastPLAID](https://github.com/lightonai/fast-plaid) for efficient similarity search.

#### Indexing documents

Load the ColBERT model and initialize the PLAID index, then encode and index your documents:

```python
from pylate import indexes, models, retrieve

# Step 1: Load the ColBERT model
model = models.ColBERT(
    model_name_or_path="@MODEL@",
)

# Step 2: Initialize the PLAID index
index = indexes.PLAID(
    index_folder="pylate-index",
    index_name="index",
    override=True,  # This overwrites the existing index if any
)

# Step 3: Encode the documents
documents_ids = ["1", "2", "3"]
documents = ["document 1 text", "document 2 text", "document 3 text"]

documents_embeddings = model.encode(
    documents,
    batch_size=32,
    is_query=False,  # Ensure that it is set to False to indicate that these are documents, not queries
    show_progress_bar=True,
)

# Step 4: Add document embeddings to the index by providing embeddings and corresponding ids
index.add_documents(
    documents_ids=documents_ids,
    documents_embeddings=documents_embeddings,
)
```

Note that you do not have to recreate the index and encode the documents every time. Once you have created an index and added the documents, you can re-use the index later by loading it:

```python
# To load an index, simply instantiate it with the correct folder/name and without overriding it
index = indexes.PLAID(
    index_folder="pylate-index",
    index_name="index",
)
```

#### Retrieving top-k documents for queries

Once the documents are indexed, you can retrieve the top-k most relevant documents for a given set of queries.
To do so, initialize the ColBERT retriever with the index you want to search in, encode the queries and then retrieve the top-k documents to get the top matches ids and relevance scores:

```python
# Step 1: Initialize the ColBERT retriever
retriever = retrieve.ColBERT(index=index)

# Step 2: Encode the queries
queries_embeddings = model.encode(
    ["query for document 3", "query for document 1"],
    batch_size=32,
    is_query=True,  @QUERY@
    show_progress_bar=True,
)

# Step 3: Retrieve top-k documents
scores = retriever.retrieve(
    queries_embeddings=queries_embeddings,
    k=10,  # Retrieve the top 10 matches for each query
)
```

### Reranking
If you only want to use the ColBERT model to perform reranking on top of your first-stage retrieval pipeline without building an index, you can simply use rank function and pass the queries and documents to rerank:

```python
from pylate import rank, models

queries = [
    "query A",
    "query B",
]

documents = [
    ["document A", "document B"],
    ["document 1", "document C", "document B"],
]

documents_ids = [
    [1, 2],
    [1, 3, 2],
]

model = models.ColBERT(
    model_name_or_path="@MODEL@",
)

queries_embeddings = model.encode(
    queries,
    is_query=True,
)

documents_embeddings = model.encode(
    documents,
    is_query=False,
)

reranked_documents = rank.rerank(
    documents_ids=documents_ids,
    queries_embeddings=queries_embeddings,
    documents_embeddings=documents_embeddings,
)
```

)MD";

const char* const kMaxsimdUsage = R"MD(### With maxsimd

`@FOLDER@` is this model's folder. On the command line, index a corpus of JSON lines (`{"_id": "1", "text": "..."}`), search it, or rank the candidates of another system again:

```sh
maxsimd index my-index --model @FOLDER@ corpus.jsonl --store-text
maxsimd search my-index "query for document 3" --k 10 --text
maxsimd rerank @FOLDER@ --queries queries.jsonl --corpus corpus.jsonl --candidates candidates.trec --k 10
```

In C++:

```cpp
@INCLUDE@ <maxsimd/maxsimd.h>
@INCLUDE@ <cstdio>

int main() {
  const auto model = maxsimd::ColBERT::load("@FOLDER@");

  const std::vector<std::string> ids = {"1", "2", "3"};
  const std::vector<std::string> texts = {"document 1 text", "document 2 text", "document 3 text"};
  maxsimd::CodedEmbeddings documents(model.dim(), maxsimd::Codec::float16);
  documents.append(model.encode_documents(texts));

  const std::vector<std::string> questions = {"query for document 3", "query for document 1"};
  const auto queries = model.encode_queries(questions);
  const auto hits = maxsimd::retrieve(queries, documents, ids, {.k = 10}, model.pool());
  for (const maxsimd::Hit& hit : hits[0]) std::printf("%s %.2f\n", hit.id.c_str(), hit.score);
}
```

### With PyLate

)MD";

const char* const kUsageComments = R"MD(<!--
### Direct Usage (Transformers)

<details><summary>Click to see the direct usage in Transformers</summary>

</details>
-->

<!--
### Downstream Usage (Sentence Transformers)

You can finetune this model on your own dataset.

<details><summary>Click to expand</summary>

</details>
-->

<!--
### Out-of-Scope Use

*List how the model may foreseeably be misused and address what users ought not to do with the model.*
-->
)MD";

const char* const kRiskComments = R"MD(<!--
## Bias, Risks and Limitations

*What are the known or foreseeable issues stemming from this model? You could also flag here known failure cases or weaknesses of the model.*
-->

<!--
### Recommendations

*What are recommendations with respect to the foreseeable issues? For example, filtering explicit content.*
-->
)MD";

const char* const kClosingComments = R"MD(<!--
## Glossary

*Clearly define terms in order to be accessible across audiences.*
-->

<!--
## Model Card Authors

*Lists the people who create the model card, providing recognition and accountability for the detailed work that goes into its construction.*
-->

<!--
## Model Card Contact

*Provides a way for people who have updates to the Model Card, suggestions, or questions, to contact the Model Card authors.*
-->)MD";

}  // namespace maxsimd
