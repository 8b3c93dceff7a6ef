"""The closed lists of the catalogue: each word once, with the other spellings of it."""

from __future__ import annotations

from collections.abc import Mapping

Spellings = Mapping[str, tuple[str, ...]]

# Quantised weights and activations are int8 to everyone but Qualcomm; its "float" runs as fp16 on the NPU.
# What joins two (`int8-fp16`, `w8a16-mixed-int16`) says that some layers ran in the second.
PRECISIONS: Spellings = {
    "fp32": ("float32", "single"),
    "fp16": ("float16", "half", "float"),
    "bf16": ("bfloat16",),
    "fp8": ("float8",),
    "fp4": ("float4", "nvfp4"),
    "int16": ("w16a16",),
    "int8": ("w8a8", "uint8"),
    "int4": ("uint4", "w4"),
    "w8a16": (),
    "w4a16": (),
    "int8-fp16": (),
    "int8-bf16": (),
    "int8-fp32": ("fp32+int8",),
    "fp8-fp16-int8": (),
    "int8-mixed-int16": ("w8a8_mixed_int16",),
    "int8-mixed-fp16": ("w8a8_mixed_fp16",),
    "w8a16-mixed-int16": (),
    "w8a16-mixed-fp16": (),
    "mixed": ("mixed_with_float",),
    "q2_k": (),
    "q4_0": (),
    "q4_k_m": (),
    "q8_0": (),
}

FLOATING = ("fp32", "fp16", "bf16")
"""Precisions in which a model answers as it was trained, whatever runs it."""

# A name that goes on behind a hyphen (`tensorrt-triton`) is a way of running the one in front.
RUNTIMES: Spellings = {
    "armnn": (),
    "csi-nn2": (),
    "cuda": (),
    "deepsparse": (),
    "edgetpu": ("tflite-edgetpu",),
    "esp-dl": (),
    "executorch": (),
    "flax": (),
    "fpgaconvnet": (),
    "furiosa": (),
    "genie": (),
    "hale": (),
    "hale-max-performance": (),
    "hale-min-ram": (),
    "imaigine": (),
    "llama.cpp": ("llamacpp",),
    "llmboost": (),
    "mera": (),
    "microtvm": (),
    "microtvm-cmsis-nn": (),
    "microtvm-native": (),
    "mnn": (),
    "mobilint": (),
    "mxnet": (),
    "ncnn": (),
    "neuron-triton": (),
    "ollama": (),
    "onnc": (),
    "onnc-mbed": (),
    "onnc-zephyr": (),
    "onnxruntime": ("onnx", "ort"),
    "onnxruntime-qnn": ("precompiled_qnn_onnx",),
    "openvino": (),
    "openvino-triton": (),
    "paddlepaddle": ("paddle",),
    "plumerai": (),
    "pytorch": ("torch",),
    "qaic": (),
    "qnn": ("qnn_dlc",),
    "qnn-context": ("qnn_context_binary",),
    "qualcomm-ai-stack": (),
    "rbln": (),
    "rknn": (),
    "sapeon": (),
    "shark-ai": (),
    "sima": (),
    "stedge-ai": (),
    "suinfer": (),
    "syntiant": (),
    "tensorflow": ("tf",),
    "tensorrt": ("trt",),
    "tensorrt-triton": (),
    "tf-graphdef": (),
    "tf-savedmodel": (),
    "tflite": ("TensorFlow Lite", "litert"),
    "tflite-armnn": (),
    "tflite-micro": ("tflm",),
    "tflite-xnnpack": (),
    "thestage": (),
    "torchscript": (),
    "tvm": (),
    "vllm": (),
    "whisper.cpp": (),
    "whisper.cpp-blas": (),
    "x-cube-ai": (),
}

UNITS = ("CPU", "GPU", "NPU", "TPU", "FPGA", "MCU", "DSP")
"""What did the work."""

LOADS = ("single_stream", "multi_stream", "server", "offline")
"""As in `measurement.Load`."""

KINDS = ("measured", "listed")
"""How a measurement of the catalogue is known."""

FACT_KINDS = ("measured", "listed", "estimated", "assumed")
"""How a fact about a device or a model is known."""

DEVICE_KINDS = {
    "mcu": -6.0,
    "board": 0.0,
    "tpu_board": 1.0,
    "npu_board": 2.0,
    "phone": 3.0,
    "tablet": 3.0,
    "edge_accelerator": 3.5,
    "automotive": 3.5,
    "edge_gpu": 4.0,
    "laptop": 4.5,
    "desktop": 4.8,
    "server_cpu": 5.0,
    "gpu": 6.0,
    "accelerator": 6.5,
    "server": 7.0,
}
"""Each with its place between the smallest and the largest: what lies close is similar."""

DEVICE_FACTS = ("price_usd", "idle_w", "busy_w", "peak_w", "memory_gb", "lifetime_years")

MODEL_FACTS = ("parameters", "macs")
"""Of a model; besides them `size_mb_` with a precision."""

TASKS = (
    "3d object detection",
    "anomaly detection",
    "audio classification",
    "audio generation",
    "depth estimation",
    "driver assistance",
    "face detection",
    "face recognition",
    "gaze estimation",
    "graph node classification",
    "image classification",
    "image editing",
    "image generation",
    "image to text",
    "instance segmentation",
    "keyword spotting",
    "masked language modelling",
    "medical segmentation",
    "motion detection",
    "object detection",
    "object tracking",
    "optical character recognition",
    "person re-identification",
    "pose estimation",
    "question answering",
    "recommendation",
    "robotics",
    "semantic segmentation",
    "speaker verification",
    "speech recognition",
    "summarisation",
    "super resolution",
    "text detection",
    "text embedding",
    "text generation",
    "text recognition",
    "translation",
    "video classification",
    "video generation",
    "visual question answering",
    "visual wake words",
    "wake word detection",
)
