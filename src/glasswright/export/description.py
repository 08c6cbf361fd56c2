"""A decoder's description as the keys of a GGUF file: sizes, and the parts that llama.cpp puts together."""

from gguf import ExpertGatingFuncType, GGUFWriter, RopeScalingType

from glasswright.export.architecture import usual_yarn_factor, yarn_factor
from glasswright.records.decoder import DecoderConfig
from glasswright.records.model import Experts, Latent, Model, Scaling

GATES = {"softmax": ExpertGatingFuncType.SOFTMAX, "sigmoid": ExpertGatingFuncType.SIGMOID}


def describe(writer: GGUFWriter, config: DecoderConfig) -> None:
    """Write the keys of a decoder, each behind the name of its architecture."""
    model = config.model
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.max_positions)
    writer.add_embedding_length(model.hidden_size)
    writer.add_block_count(model.num_layers)
    writer.add_head_count(model.num_heads)
    if model.latent is None:
        _describe_heads(writer, model)
    else:
        _describe_latent(writer, model, model.latent)
    _describe_attention(writer, model)
    _describe_norm(writer, model)
    has_dense = model.experts is None or model.experts.first_dense > 0
    writer.add_feed_forward_length(model.intermediate_size if has_dense or not model.experts else model.experts.size)
    if model.experts is not None:
        _describe_experts(writer, model.experts)
    if model.positions.kind == "rotary":
        writer.add_rope_dimension_count(model.turned_size)
        writer.add_rope_freq_base(float(model.rope_theta))
        if model.positions.window_theta:
            writer.add_rope_freq_base_swa(float(model.positions.window_theta))
        if model.positions.scaling is not None:
            _describe_scaling(writer, model, model.positions.scaling)
    if model.soft_cap:
        writer.add_final_logit_softcapping(float(model.soft_cap))


def _describe_heads(writer: GGUFWriter, model: Model) -> None:
    writer.add_head_count_kv(model.num_kv_heads)
    writer.add_key_length(model.head_size)
    writer.add_value_length(model.value_size)


def _describe_latent(writer: GGUFWriter, model: Model, latent: Latent) -> None:
    """llama.cpp attends in the latent itself: one key head of its rank and the channels that turn."""
    writer.add_head_count_kv(1)
    writer.add_key_length(latent.rank + latent.turned_size)
    writer.add_value_length(latent.rank)
    writer.add_key_length_mla(model.head_size)
    writer.add_value_length_mla(latent.value_size)
    if latent.query_rank:
        writer.add_q_lora_rank(latent.query_rank)
    writer.add_kv_lora_rank(latent.rank)


def _describe_attention(writer: GGUFWriter, model: Model) -> None:
    if model.attention.window:
        writer.add_sliding_window(model.attention.window)
        writer.add_sliding_window_pattern([not model.sees_all(layer) for layer in range(model.num_layers)])
    if model.attention.soft_cap:
        writer.add_attn_logit_softcapping(float(model.attention.soft_cap))


def _describe_norm(writer: GGUFWriter, model: Model) -> None:
    if model.norm.kind == "rms":
        writer.add_layer_norm_rms_eps(float(model.norm_epsilon))
    else:
        writer.add_layer_norm_eps(float(model.norm_epsilon))
        writer.add_parallel_residual(model.norm.parallel)


def _describe_experts(writer: GGUFWriter, experts: Experts) -> None:
    writer.add_expert_count(experts.count)
    writer.add_expert_used_count(experts.chosen)
    writer.add_expert_feed_forward_length(experts.size)
    writer.add_leading_dense_block_count(experts.first_dense)
    writer.add_expert_gating_func(GATES[experts.scoring])
    writer.add_expert_weights_norm(experts.normalized)
    writer.add_expert_weights_scale(float(experts.scale))
    if experts.shared_size:
        writer.add_expert_shared_count(experts.shared_size // experts.size)
    if experts.groups > 1:
        writer.add_expert_group_count(experts.groups)
        writer.add_expert_group_used_count(experts.groups_chosen)


def _describe_scaling(writer: GGUFWriter, model: Model, scaling: Scaling) -> None:
    """llama3's has no name there: its frequencies are a tensor."""
    if scaling.kind == "llama3":
        return
    writer.add_rope_scaling_type(RopeScalingType.LINEAR if scaling.kind == "linear" else RopeScalingType.YARN)
    writer.add_rope_scaling_factor(float(scaling.factor))
    if scaling.kind == "yarn":
        writer.add_rope_scaling_orig_ctx_len(scaling.original_max_position_embeddings)
        _describe_factor(writer, model, scaling)


def _describe_factor(writer: GGUFWriter, model: Model, scaling: Scaling) -> None:
    """What cosines and sines are multiplied with, as a share of what llama.cpp takes for the factor alone."""
    if model.latent and scaling.mscale_all_dim:
        writer.add_rope_scaling_yarn_log_mul(0.1 * float(scaling.mscale_all_dim))  # and takes the factor to be one
        return
    writer.add_rope_scaling_attn_factors(yarn_factor(model, scaling) / usual_yarn_factor(model, scaling))
