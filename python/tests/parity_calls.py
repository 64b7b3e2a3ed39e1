"""The calls that scripts/goldens/python_api_pylate.py makes in PyLate and test_parity.py here."""
import json
import pathlib

import numpy as np

SAMPLE = pathlib.Path(__file__).parents[2] / "examples" / "data"
QUERIES = ["What do owls eat?", "how far is the moon", "who wrote Faust?", "Why do leaves fall?", ""]
DOCUMENTS = [
    "Owls hunt mice, voles and other small animals; they swallow them whole.",
    "The moon is, on average, 384,400 km away from Earth (about 30 Earth diameters).",
    "Goethe worked on Faust for sixty years: part two came out after his death.",
    "In autumn trees shed their leaves, since frozen ground gives them no water.",
    "Bread.",
    "Steel is iron with a little carbon - up to 2 % - and often other metals, such as chromium. " * 3,
    "!!! ... ???",
    "Penguins live in the south.\nThey cannot fly, but they swim well; some dive 500 m deep.",
    "Çatalhöyük is a naïve café's façade - 東京 - 😀 done.",
    "Tides: the moon pulls the sea, twice a day.",
]
NEGATIVES = [DOCUMENTS[i] for i in (1, 2, 3, 9, 4)]


def encode_calls():
    """(name, sentences, arguments): single texts, nested lists and flat lists."""
    documents = {"is_query": False}
    yield "queries", QUERIES, {"is_query": True, "batch_size": 2}
    yield "documents", DOCUMENTS, {**documents, "batch_size": 3}
    yield "single_query", QUERIES[0], {}
    yield "single_document", DOCUMENTS[5], documents
    yield "nested_documents", [DOCUMENTS[:2], DOCUMENTS[2:5]], documents
    yield "nested_padded", [DOCUMENTS[:2], DOCUMENTS[2:5]], {**documents, "padding": True}
    yield "padded", DOCUMENTS, {**documents, "padding": True}
    yield "not_normalized", DOCUMENTS, {**documents, "normalize_embeddings": False}
    yield "prompt", QUERIES, {"prompt": "search for: "}
    yield "pooled_2", DOCUMENTS, {**documents, "pool_factor": 2}
    yield "pooled_4_protected_3", DOCUMENTS, {**documents, "pool_factor": 4, "protected_tokens": 3}


def mask_arguments(queries_shape, documents_shape):
    """Masks of zeros and ones, and some weights."""
    random = np.random.default_rng(7)
    queries = (random.random(queries_shape[:2]) < 0.8).astype(np.float32)
    documents = (random.random(documents_shape[:2]) < 0.7).astype(np.float32)
    documents[0] *= 0.5
    return queries, documents


def sample():
    """Documents, queries and how many documents a search is asked for, from examples/data."""
    def rows(name):
        with open(SAMPLE / name, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    documents = {row["_id"]: f"{row['title']} {row['text']}".strip() for row in rows("corpus.jsonl")}
    return documents, [row["text"] for row in rows("queries.jsonl")][:100], 10


def xtr_arguments():
    """Queries [3, 4, 8], documents [3, 5, 6, 8] and their masks."""
    random = np.random.default_rng(11)
    return (random.normal(size=(3, 4, 8)).astype(np.float32),
            random.normal(size=(3, 5, 6, 8)).astype(np.float32),
            (random.random((3, 4)) < 0.8).astype(np.float32),
            (random.random((3, 5, 6)) < 0.8).astype(np.float32))


def xtr_calls():
    """(name, ids, scores, k) of rank.score_xtr: repeated ids, tokens that find less, ties."""
    yield "simple", [["a", "b", "c"], ["b", "c", "d"]], [[0.9, 0.7, 0.5], [0.8, 0.6, 0.4]], 3
    yield "repeated", [["a", "a", "b"], ["b", "c", "c"], ["d"]], [[0.2, 0.9, 0.1], [0.3, 0.2, 0.35],
                                                                   [-0.5]], 10
    random = np.random.default_rng(5)
    yield ("random", random.integers(0, 30, size=(32, 40)).tolist(),
           np.sort(random.random((32, 40)), axis=1)[:, ::-1].round(6).tolist(), 12)


#: What config_sentence_transformers.json says of prompts, and what the constructor is given beside it.
PROMPT_FOLDERS = (
    {"prompts": {}, "default_prompt_name": None},
    {"prompts": {"query": "search: ", "sts": "s "}, "default_prompt_name": None},
    {"prompts": {"query": "search: ", "document": ""}, "default_prompt_name": "query"},
    {"prompts": {"ask": "find "}, "default_prompt_name": "ask"},
)
PROMPT_ARGUMENTS = (
    {}, {"prompts": {"sts": "x "}}, {"prompts": {"query": "Q "}}, {"prompts": {"query": ""}},
    {"default_prompt_name": "sts"}, {"default_prompt_name": "document"}, {"default_prompt_name": ""},
    {"prompts": {"ask": "? "}, "default_prompt_name": "ask"},
)
